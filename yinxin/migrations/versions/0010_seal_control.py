"""control of seals: policies in versions, requests to use one, more of each seal and use

Revision: 0010, after 0009
"""
from typing import Any

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None
_USE_COLUMNS = (
    'issuer_code, id, seal_id, serial, version, form, document_digest, operator, approver, at'
)


def _seal_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column('type', sa.Integer(), nullable=False, server_default='6'),
        sa.Column('owner_kind', sa.String(length=24), nullable=False, server_default='department'),
        sa.Column('second_name', sa.String(length=200), nullable=True),
        sa.Column('police_number', sa.String(length=13), nullable=True),
        sa.Column('origin', sa.String(length=24), nullable=False, server_default='made'),
        sa.Column('reason', sa.String(length=400), nullable=True),
        sa.Column('replaces', sa.String(length=40), nullable=True),
        sa.Column('findings', sa.String(), nullable=True),
    )


def upgrade() -> None:
    with op.batch_alter_table('seals', schema=None) as batch_op:
        for column in _seal_columns():
            batch_op.add_column(column)
    # One document may bear several seals; a constraint without a name is changed by making
    # the table anew.
    _remake_uses(
        sa.Column('policy_version', sa.Integer(), nullable=False, server_default='0'),
        sa.Column('request_id', sa.String(length=40), nullable=True),
        unique=('issuer_code', 'serial', 'version', 'form', 'seal_id'),
    )
    op.create_table('seal_policies',
    sa.Column('issuer_code', sa.String(length=18), nullable=False),
    sa.Column('seal_id', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('state', sa.String(length=24), nullable=False),
    sa.Column('terms', sa.String(), nullable=False),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.Column('proposed_by', sa.String(length=128), nullable=False),
    sa.Column('proposed_at', sa.String(length=32), nullable=False),
    sa.Column('decided_by', sa.String(length=128), nullable=True),
    sa.Column('decided_at', sa.String(length=32), nullable=True),
    sa.PrimaryKeyConstraint('issuer_code', 'seal_id', 'version')
    )
    op.create_table('seal_requests',
    sa.Column('issuer_code', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('seal_id', sa.String(length=40), nullable=False),
    sa.Column('serial', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('identifier', sa.String(length=128), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=24), nullable=False),
    sa.Column('policy_version', sa.Integer(), nullable=False),
    sa.Column('requested_by', sa.String(length=128), nullable=False),
    sa.Column('requested_at', sa.String(length=32), nullable=False),
    sa.Column('decided_by', sa.String(length=128), nullable=True),
    sa.Column('decided_at', sa.String(length=32), nullable=True),
    sa.Column('reasons', sa.String(length=400), nullable=True),
    sa.PrimaryKeyConstraint('issuer_code', 'id'),
    sa.UniqueConstraint('issuer_code', 'seal_id', 'serial', 'version')
    )
    op.create_index(
        'seal_requests_by_state', 'seal_requests', ['issuer_code', 'seal_id', 'state', 'requested_at']
    )


def downgrade() -> None:
    op.drop_index('seal_requests_by_state', 'seal_requests')
    op.drop_table('seal_requests')
    op.drop_table('seal_policies')
    # Uses of a second seal on one document have no place in the table of before: the
    # constraint refuses them, and nothing is lost unseen.
    _remake_uses(unique=('issuer_code', 'serial', 'version', 'form'))
    with op.batch_alter_table('seals', schema=None) as batch_op:
        for column in _seal_columns():
            batch_op.drop_column(column.name)


def _remake_uses(*more: sa.Column[Any], unique: tuple[str, ...]) -> None:
    op.drop_index('seal_uses_by_seal', 'seal_uses')
    op.rename_table('seal_uses', 'seal_uses_before')
    op.create_table('seal_uses',
    sa.Column('issuer_code', sa.String(length=18), nullable=False),
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('seal_id', sa.String(length=40), nullable=False),
    sa.Column('serial', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('form', sa.String(length=16), nullable=False),
    sa.Column('document_digest', sa.LargeBinary(length=32), nullable=False),
    sa.Column('operator', sa.String(length=128), nullable=False),
    sa.Column('approver', sa.String(length=128), nullable=False),
    sa.Column('at', sa.String(length=32), nullable=False),
    *more,
    sa.PrimaryKeyConstraint('issuer_code', 'id'),
    sa.UniqueConstraint(*unique)
    )
    op.execute(
        f'INSERT INTO seal_uses ({_USE_COLUMNS}) SELECT {_USE_COLUMNS} FROM seal_uses_before'
    )
    op.drop_table('seal_uses_before')
    op.create_index('seal_uses_by_seal', 'seal_uses', ['issuer_code', 'seal_id', 'at'])
