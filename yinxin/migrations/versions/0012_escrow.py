"""encryption keys kept for their holders, and how one is recovered

Revision: 0012, after 0011
"""
import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'ca_escrowed_keys',
        sa.Column('authority', sa.String(length=64), nullable=False),
        sa.Column('serial', sa.String(length=40), nullable=False),
        sa.Column('signing_serial', sa.String(length=40), nullable=False),
        sa.Column('box', sa.LargeBinary(), nullable=False),
        sa.Column('envelope', sa.LargeBinary(), nullable=False),
        sa.Column('kept_at', sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint('authority', 'serial'),
    )
    op.create_index('ca_escrowed_keys_by_pair', 'ca_escrowed_keys', ['authority', 'signing_serial'])
    op.create_table(
        'ca_key_recoveries',
        sa.Column('authority', sa.String(length=64), nullable=False),
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('serial', sa.String(length=40), nullable=False),
        sa.Column('recipient', sa.String(length=40), nullable=False),
        sa.Column('reason', sa.String(length=512), nullable=False),
        sa.Column('requested_by', sa.String(length=64), nullable=False),
        sa.Column('requested_at', sa.String(length=32), nullable=False),
        sa.Column('envelope', sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint('authority', 'id'),
    )
    op.create_table(
        'ca_key_recovery_decisions',
        sa.Column('authority', sa.String(length=64), nullable=False),
        sa.Column('recovery', sa.String(length=32), nullable=False),
        sa.Column('person', sa.String(length=64), nullable=False),
        sa.Column('decision', sa.String(length=16), nullable=False),
        sa.Column('note', sa.String(length=512), nullable=False),
        sa.Column('at', sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint('authority', 'recovery', 'person'),
    )


def downgrade() -> None:
    op.drop_table('ca_key_recovery_decisions')
    op.drop_table('ca_key_recoveries')
    op.drop_table('ca_escrowed_keys')
