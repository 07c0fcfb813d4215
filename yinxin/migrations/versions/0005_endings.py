"""endings

Revision: 0005, after 0004
"""
import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'endings',
        sa.Column('issuer_code', sa.String(length=18), nullable=False),
        sa.Column('id', sa.String(length=40), nullable=False),
        sa.Column('serial', sa.String(length=32), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('identifier', sa.String(length=128), nullable=False),
        sa.Column('way', sa.String(length=24), nullable=False),
        sa.Column('cause', sa.String(length=24), nullable=False),
        sa.Column('legal_basis', sa.String(length=400), nullable=False),
        sa.Column('state', sa.String(length=24), nullable=False),
        sa.Column('proposed_by', sa.String(length=128), nullable=False),
        sa.Column('proposed_at', sa.String(length=32), nullable=False),
        sa.Column('decided_by', sa.String(length=128), nullable=True),
        sa.Column('decided_at', sa.String(length=32), nullable=True),
        sa.Column('reasons', sa.String(length=2000), nullable=True),
        sa.PrimaryKeyConstraint('issuer_code', 'id'),
    )
    op.create_index('endings_by_licence', 'endings', ['issuer_code', 'serial', 'state'])
    op.create_index('endings_by_state', 'endings', ['issuer_code', 'state', 'proposed_at'])


def downgrade() -> None:
    op.drop_table('endings')
