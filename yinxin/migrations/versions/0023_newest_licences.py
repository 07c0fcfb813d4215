"""the newest licences of a department are listed by when they were published

Revision: 0023, after 0022
"""
from alembic import op


revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

_INDEX = 'editions_by_publishing'


def upgrade() -> None:
    op.create_index(_INDEX, 'editions', ['issuer_code', 'published_at', 'serial'])


def downgrade() -> None:
    op.drop_index(_INDEX, 'editions')
