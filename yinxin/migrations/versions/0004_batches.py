"""batches

Revision: 0004, after 0003
"""
import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'batches',
        sa.Column('issuer_code', sa.String(length=18), nullable=False),
        sa.Column('id', sa.String(length=40), nullable=False),
        sa.Column('state', sa.String(length=24), nullable=False),
        sa.Column('kind', sa.String(length=64), nullable=False),
        sa.Column('form', sa.String(length=16), nullable=False),
        sa.Column('idempotency_key', sa.String(length=128), nullable=False),
        sa.Column('content_index', sa.LargeBinary(length=32), nullable=False),
        sa.Column('parts', sa.Integer(), nullable=False),
        sa.Column('submitted_by', sa.String(length=128), nullable=False),
        sa.Column('submitted_at', sa.String(length=32), nullable=False),
        sa.Column('advanced_at', sa.String(length=32), nullable=False),
        sa.Column('last_line', sa.BigInteger(), nullable=False),
        sa.Column('refused', sa.BigInteger(), nullable=False),
        sa.Column('ready', sa.BigInteger(), nullable=False),
        sa.Column('minted', sa.BigInteger(), nullable=False),
        sa.Column('failed', sa.BigInteger(), nullable=False),
        sa.Column('stopped_by', sa.String(length=64), nullable=True),
        sa.Column('reviewed_by', sa.String(length=128), nullable=True),
        sa.Column('reviewed_at', sa.String(length=32), nullable=True),
        sa.Column('review_reason', sa.String(length=400), nullable=True),
        sa.Column('finished_at', sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint('issuer_code', 'id'),
        sa.UniqueConstraint('issuer_code', 'idempotency_key'),
    )
    op.create_index('batches_by_state', 'batches', ['state', 'advanced_at'], unique=False)
    op.create_table(
        'batch_lines',
        sa.Column('issuer_code', sa.String(length=18), nullable=False),
        sa.Column('batch_id', sa.String(length=40), nullable=False),
        sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('state', sa.String(length=24), nullable=False),
        sa.Column('application_id', sa.String(length=40), nullable=True),
        sa.Column('identifier', sa.String(length=128), nullable=True),
        sa.Column('problems', sa.String(), nullable=True),
        sa.PrimaryKeyConstraint('issuer_code', 'batch_id', 'number'),
    )
    op.create_index(
        'batch_lines_by_state',
        'batch_lines',
        ['issuer_code', 'batch_id', 'state', 'number'],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table('batch_lines')
    op.drop_table('batches')
