"""when the file of a batch was erased

Revision: 0026, after 0025
"""
import sqlalchemy as sa
from alembic import op


revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('batches', sa.Column('file_erased_at', sa.String(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('batches') as table:
        table.drop_column('file_erased_at')
