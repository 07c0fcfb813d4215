"""every change of a status list is kept, and each day's list is frozen

What changed twice before is known only as it ended, so the history of a list that is there
begins now; its present states are its first changes.

Revision: 0017, after 0016
"""
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'status_lists',
        sa.Column('issuer_code', sa.String(length=18), nullable=False),
        sa.Column('list_number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('complete_from', sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint('issuer_code', 'list_number'),
    )
    op.create_table(
        'status_changes',
        sa.Column('issuer_code', sa.String(length=18), nullable=False),
        sa.Column('list_number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('slot', sa.Integer(), nullable=False),
        sa.Column('value', sa.Integer(), nullable=False),
        sa.Column('changed_at', sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint('issuer_code', 'list_number', 'version'),
    )
    op.create_table(
        'status_days',
        sa.Column('issuer_code', sa.String(length=18), nullable=False),
        sa.Column('list_number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('day', sa.String(length=10), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('token', sa.LargeBinary(), nullable=False),
        sa.Column('log_index', sa.Integer(), nullable=False),
        sa.Column('proof', sa.LargeBinary(), nullable=False),
        sa.Column('frozen_at', sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint('issuer_code', 'list_number', 'day'),
    )
    op.execute(
        sa.text(
            'INSERT INTO status_lists (issuer_code, list_number, complete_from) '
            'SELECT DISTINCT issuer_code, list_number, :now FROM status_slots'
        ).bindparams(now=datetime.now(UTC).isoformat())
    )
    op.execute(
        'INSERT INTO status_changes '
        '(issuer_code, list_number, version, slot, value, changed_at) '
        'SELECT issuer_code, list_number, row_number() OVER '
        '(PARTITION BY issuer_code, list_number ORDER BY changed_at, slot), '
        'slot, value, changed_at FROM status_slots WHERE value != 0'
    )


def downgrade() -> None:
    op.drop_table('status_days')
    op.drop_table('status_changes')
    op.drop_table('status_lists')
