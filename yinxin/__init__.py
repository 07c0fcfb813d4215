"""The roof: settings, wiring, the HTTP application and the command line."""
