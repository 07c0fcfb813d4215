"""applications say which batch they are a line of; only others are listed by state

Revision: 0022, after 0021
"""
import sqlalchemy as sa
from alembic import op


revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

_INDEX = 'applications_by_state'
_COLUMNS = ['issuer_code', 'state', 'submitted_at', 'id']
_ALONE = sa.text('batch_id IS NULL')


def upgrade() -> None:
    op.drop_index(_INDEX, 'applications')
    op.add_column('applications', sa.Column('batch_id', sa.String(length=40), nullable=True))
    # The key of a line is its batch, a colon and its number; a batch's id has 25 characters.
    op.execute(
        'UPDATE applications SET batch_id = substr(idempotency_key, 1, 25)'
        " WHERE substr(idempotency_key, 26, 1) = ':' AND EXISTS (SELECT 1 FROM batches"
        ' WHERE batches.issuer_code = applications.issuer_code'
        ' AND batches.id = substr(applications.idempotency_key, 1, 25))'
    )
    op.create_index(
        _INDEX, 'applications', _COLUMNS, sqlite_where=_ALONE, postgresql_where=_ALONE
    )


def downgrade() -> None:
    op.drop_index(_INDEX, 'applications')
    op.drop_column('applications', 'batch_id')
    op.create_index(_INDEX, 'applications', _COLUMNS)
