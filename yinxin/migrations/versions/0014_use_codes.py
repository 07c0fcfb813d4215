"""use codes of the sharing interfaces

Revision: 0014, after 0013
"""
import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'use_codes',
        sa.Column('region', sa.String(length=6), nullable=False),
        sa.Column('id', sa.String(length=64), nullable=False),
        sa.Column('holder', sa.LargeBinary(length=32), nullable=False),
        sa.Column('licence', sa.String(length=128), nullable=False),
        sa.Column('organisation', sa.String(length=18), nullable=False),
        sa.Column('operator', sa.String(length=128), nullable=False),
        sa.Column('item', sa.String(length=64), nullable=False),
        sa.Column('case_number', sa.String(length=64), nullable=False),
        sa.Column('purpose', sa.String(length=200), nullable=False),
        sa.Column('basis', sa.String(length=32), nullable=False),
        sa.Column('basis_reference', sa.String(length=200), nullable=False),
        sa.Column('fields', sa.String(), nullable=False),
        sa.Column('issued_at', sa.String(length=32), nullable=False),
        sa.Column('expires_at', sa.String(length=32), nullable=False),
        sa.Column('used_at', sa.String(length=32), nullable=True),
        sa.Column('withdrawn_at', sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint('region', 'id'),
    )
    op.create_index('use_codes_by_holder', 'use_codes', ['region', 'holder', 'issued_at'])


def downgrade() -> None:
    op.drop_index('use_codes_by_holder', 'use_codes')
    op.drop_table('use_codes')
