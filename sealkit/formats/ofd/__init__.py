"""OFD files (GB/T 33190): the container, what it says, and the seals on it."""
