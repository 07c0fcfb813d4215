"""Archiving an edition (单套归档): one package that verifies when the service is gone."""
