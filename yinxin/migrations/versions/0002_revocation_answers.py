"""revocation answers

Revision: 0002, after 0001
"""
import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ca_revocations', sa.Column('invalid_since', sa.String(length=32), nullable=True))
    op.create_table(
        'ca_partition_lists',
        sa.Column('authority', sa.String(length=64), nullable=False),
        sa.Column('partition', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('partitions', sa.Integer(), nullable=False),
        sa.Column('this_update', sa.String(length=32), nullable=False),
        sa.Column('next_update', sa.String(length=32), nullable=False),
        sa.Column('revoked', sa.Integer(), nullable=False),
        sa.Column('base', sa.LargeBinary(), nullable=False),
        sa.Column('delta', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('authority', 'partition', 'number'),
    )
    op.create_table(
        'ca_ocsp_answers',
        sa.Column('authority', sa.String(length=64), nullable=False),
        sa.Column('serial', sa.String(length=40), nullable=False),
        sa.Column('form', sa.String(length=16), nullable=False),
        sa.Column('revoked', sa.Boolean(), nullable=False),
        sa.Column('this_update', sa.String(length=32), nullable=False),
        sa.Column('next_update', sa.String(length=32), nullable=False),
        sa.Column('answer', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('authority', 'serial', 'form'),
    )
    op.create_index(
        'ca_ocsp_answers_by_age', 'ca_ocsp_answers', ['authority', 'this_update'], unique=False
    )


def downgrade() -> None:
    op.drop_table('ca_ocsp_answers')
    op.drop_table('ca_partition_lists')
    op.drop_column('ca_revocations', 'invalid_since')
