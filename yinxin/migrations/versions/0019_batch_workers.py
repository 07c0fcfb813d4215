"""workers of batches hold lines for a time; licences without a PDF

Revision: 0019, after 0018
"""
import sqlalchemy as sa
from alembic import op


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

_FORMS = ('batches', 'plans')
_HELD = ('batches', 'batch_lines')


def upgrade() -> None:
    for table in _FORMS:
        op.add_column(
            table,
            sa.Column('forms', sa.String(length=16), nullable=False, server_default='ofd+pdf'),
        )
    for table in _HELD:
        op.add_column(table, sa.Column('held_by', sa.String(length=128), nullable=True))
        op.add_column(table, sa.Column('held_until', sa.String(length=32), nullable=True))


def downgrade() -> None:
    for table in _HELD:
        op.drop_column(table, 'held_until')
        op.drop_column(table, 'held_by')
    for table in _FORMS:
        op.drop_column(table, 'forms')
