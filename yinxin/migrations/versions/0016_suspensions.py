"""proposals to suspend many licences

Revision: 0016, after 0015
"""
import sqlalchemy as sa
from alembic import op


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'suspensions',
        sa.Column('issuer_code', sa.String(length=18), nullable=False),
        sa.Column('id', sa.String(length=40), nullable=False),
        sa.Column('state', sa.String(length=24), nullable=False),
        sa.Column('legal_basis', sa.String(length=400), nullable=False),
        sa.Column('proposed_by', sa.String(length=128), nullable=False),
        sa.Column('proposed_at', sa.String(length=32), nullable=False),
        sa.Column('decided_by', sa.String(length=128), nullable=True),
        sa.Column('decided_at', sa.String(length=32), nullable=True),
        sa.Column('reasons', sa.String(length=2000), nullable=True),
        sa.PrimaryKeyConstraint('issuer_code', 'id'),
    )
    op.create_table(
        'suspension_lines',
        sa.Column('issuer_code', sa.String(length=18), nullable=False),
        sa.Column('suspension_id', sa.String(length=40), nullable=False),
        sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('identifier', sa.String(length=128), nullable=False),
        sa.Column('outcome', sa.String(length=24), nullable=False),
        sa.Column('problem', sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint('issuer_code', 'suspension_id', 'position'),
    )


def downgrade() -> None:
    op.drop_table('suspension_lines')
    op.drop_table('suspensions')
