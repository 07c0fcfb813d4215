"""What is at rest, and what is logged, names nobody."""

import structlog


def test_nobody_is_named_in_plain_at_rest_or_in_the_log(home, company):
    secret = "新疆乌鲁木齐市隐私路77号"
    company["fields"]["premises"] = secret
    company["fields"]["legal_rep"] = "欧阳不现身"
    with structlog.testing.capture_logs() as logged:
        licence = home.mint(company)
        home.verify(home.file(licence))
    personal = [
        secret,
        "欧阳不现身",
        "张明远",
        "650102198504123019",
        "65010219920618204X",
        "李雪莲",
    ]
    files = [f for f in home.context.settings.data_directory.rglob("*") if f.is_file()]
    assert files
    for file in files:
        content = file.read_bytes()
        assert [text for text in personal if text.encode() in content] == [], file.name
    assert logged
    assert [text for text in personal if text in str(logged)] == []
