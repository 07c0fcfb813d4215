"""The signer process and its client: keys on one side of a Unix socket, requests on the other.

`wire` is what is said, `desk` decides, `server` listens, `client` asks; `use_log` remembers.
"""
