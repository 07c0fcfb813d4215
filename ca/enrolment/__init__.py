"""Enrolment (证书申请): a request comes in, persons decide, a certificate goes out."""
