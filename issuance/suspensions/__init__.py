"""Suspending many licences at once: one person proposes, another confirms, each line told."""
