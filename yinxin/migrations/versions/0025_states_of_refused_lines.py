"""in which state a licence was that a bulk suspension passed over

Revision: 0025, after 0024
"""
import sqlalchemy as sa
from alembic import op


revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('suspension_lines', sa.Column('state', sa.String(length=24), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('suspension_lines') as table:
        table.drop_column('state')
