"""The API: calls by the CommonGrants protocol, for other systems. How it differs from the pages:

1. Every answer is JSON in the protocol's envelope, errors too; both are written in `answers`.
2. Names, formats and values are the protocol's (its Python SDK 0.9 is held to them by tests); what
   it has no place for is a custom field, each a row of the one table in `fields`.
3. The language is `?lang=`, else the site's default. Sentences about errors are for developers, and
   in English like the protocol.
4. Nothing here sets or reads a cookie, and nothing changes anything: searching is a POST only since
   its filters are an object. So any site's script may ask (CORS), and no token guards a POST: there
   is no authority that a foreign page could borrow.
"""
