"""audit heads

Revision: 0003, after 0002
"""
import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'audit_heads',
        sa.Column('sequence', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('signed_at', sa.String(length=32), nullable=False),
        sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
        sa.Column('signature', sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint('sequence'),
    )


def downgrade() -> None:
    op.drop_table('audit_heads')
