"""proposals to erase the opening of a log entry

Revision: 0024, after 0023
"""
import sqlalchemy as sa
from alembic import op


revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'erasures',
        sa.Column('issuer_code', sa.String(length=18), nullable=False),
        sa.Column('id', sa.String(length=40), nullable=False),
        sa.Column('serial', sa.String(length=32), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('identifier', sa.String(length=128), nullable=False),
        sa.Column('legal_basis', sa.String(length=400), nullable=False),
        sa.Column('state', sa.String(length=24), nullable=False),
        sa.Column('proposed_by', sa.String(length=128), nullable=False),
        sa.Column('proposed_at', sa.String(length=32), nullable=False),
        sa.Column('decided_by', sa.String(length=128), nullable=True),
        sa.Column('decided_at', sa.String(length=32), nullable=True),
        sa.Column('reasons', sa.String(length=2000), nullable=True),
        sa.Column('proof_key', sa.String(length=256), nullable=True),
        sa.PrimaryKeyConstraint('issuer_code', 'id'),
    )
    op.create_index('erasures_by_edition', 'erasures', ['issuer_code', 'serial', 'version'])
    op.create_index('erasures_by_state', 'erasures', ['state'])


def downgrade() -> None:
    op.drop_table('erasures')
