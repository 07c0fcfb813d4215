"""presentations: showings of licences by their holders

Revision: 0009, after 0008
"""
import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'presentations',
        sa.Column('region', sa.String(length=6), nullable=False),
        sa.Column('id', sa.String(length=64), nullable=False),
        sa.Column('licence', sa.String(length=128), nullable=False),
        sa.Column('shown_by', sa.String(length=192), nullable=False),
        sa.Column('opened_at', sa.String(length=32), nullable=False),
        sa.Column('expires_at', sa.String(length=32), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('transaction', sa.String(length=64), nullable=True),
        sa.Column('organisation', sa.String(length=18), nullable=False),
        sa.Column('operator', sa.String(length=128), nullable=False),
        sa.Column('purpose', sa.String(length=200), nullable=False),
        sa.Column('asked', sa.String(), nullable=False),
        sa.Column('agreed', sa.String(), nullable=False),
        sa.Column('scanned_at', sa.String(length=32), nullable=True),
        sa.Column('decided_at', sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint('region', 'id'),
        sa.UniqueConstraint('region', 'transaction'),
    )
    op.create_index(
        'presentations_by_phone', 'presentations', ['region', 'shown_by', 'opened_at']
    )


def downgrade() -> None:
    op.drop_index('presentations_by_phone', 'presentations')
    op.drop_table('presentations')
