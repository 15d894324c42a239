"""The API for editors' programs: what the admin's forms do, as JSON. How it differs from the forms:

1. Who asks is said by a token (`auth.access`), in a header and nowhere else. Cookies are not read, so
   no foreign page can borrow anybody's authority, and no form token is needed.
2. One table says of each request which view answers it, what it asks for and what it takes and gives:
   `operations`. The routes, the rights and the OpenAPI document are made of it.
3. One table says of each thing which fields it has: `tables`. Reading a body into the domain's frozen
   edit, writing a row as JSON, and the schemas are made of it. What it does not name is refused.
4. Rules, sentences, history and conflicts are the domain's own: the views call what the forms call.
"""
