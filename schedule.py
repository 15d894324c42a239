"""The scheduler's process: `python schedule.py`."""

from feedsvc.worker import main

if __name__ == "__main__":
    main()
