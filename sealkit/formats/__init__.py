"""Documents that carry a licence: OFD, PDF and the QR credential."""
