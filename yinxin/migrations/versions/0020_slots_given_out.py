"""how many slots a status list has given out is counted as they are

Revision: 0020, after 0019
"""
import sqlalchemy as sa
from alembic import op


revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'status_lists', sa.Column('given_out', sa.Integer(), nullable=False, server_default='0')
    )
    op.execute(
        'UPDATE status_lists SET given_out = (SELECT count(*) FROM status_slots '
        'WHERE status_slots.issuer_code = status_lists.issuer_code '
        'AND status_slots.list_number = status_lists.list_number)'
    )


def downgrade() -> None:
    op.drop_column('status_lists', 'given_out')
