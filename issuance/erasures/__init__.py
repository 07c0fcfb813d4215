"""Erasing the opening of a log entry (销毁日志盐值): one proposes, another confirms."""
