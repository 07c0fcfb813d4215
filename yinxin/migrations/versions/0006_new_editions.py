"""new editions that are asked for

Revision: 0006, after 0005
"""
import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('applications', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('reason_code', sa.String(length=2), nullable=False, server_default='01')
        )
        batch_op.add_column(sa.Column('replaces', sa.String(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('applications', schema=None) as batch_op:
        batch_op.drop_column('replaces')
        batch_op.drop_column('reason_code')
