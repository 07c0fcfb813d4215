"""Presentations (亮证): showing a licence to somebody, live or printed, and what that proves."""
