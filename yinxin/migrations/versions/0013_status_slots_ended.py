"""an index of the status slots that say anything but 0

Revision: 0013, after 0012
"""
import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        'status_slots_ended',
        'status_slots',
        ['issuer_code', 'list_number', 'slot', 'value'],
        sqlite_where=sa.text('value != 0'),
        postgresql_where=sa.text('value != 0'),
    )


def downgrade() -> None:
    op.drop_index('status_slots_ended', table_name='status_slots')
