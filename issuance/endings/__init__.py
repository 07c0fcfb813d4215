"""Ending a licence for good (注销、撤销、吊销): proposed by one person, confirmed by another."""
