"""Key ceremonies (密钥仪式): what is done with the root key, offline, by several persons.

`performing.perform` does a `plan.Plan` through a `ports.Room`; `examining.examine` judges
what it left behind, years later, with nothing but the files and the root's fingerprint.
"""
