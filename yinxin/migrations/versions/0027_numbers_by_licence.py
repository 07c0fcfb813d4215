"""the numbers of a licence, without reading those of all

Revision: 0027, after 0026
"""
from alembic import op


revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('licence_numbers_by_licence', 'licence_numbers', ['issuer_code', 'serial'])


def downgrade() -> None:
    op.drop_index('licence_numbers_by_licence', 'licence_numbers')
