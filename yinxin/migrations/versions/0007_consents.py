"""consents, and the fields that a use handed out

Revision: 0007, after 0006
"""
import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'consents',
        sa.Column('region', sa.String(length=6), nullable=False),
        sa.Column('id', sa.String(length=64), nullable=False),
        sa.Column('holder', sa.LargeBinary(length=32), nullable=False),
        sa.Column('items', sa.String(), nullable=False),
        sa.Column('fields', sa.String(), nullable=False),
        sa.Column('organisations', sa.String(), nullable=False),
        sa.Column('given_at', sa.String(length=32), nullable=False),
        sa.Column('given_through', sa.String(length=16), nullable=False),
        sa.Column('valid_from', sa.String(length=32), nullable=False),
        sa.Column('expires_at', sa.String(length=32), nullable=False),
        sa.Column('uses', sa.Integer(), nullable=False),
        sa.Column('uses_left', sa.Integer(), nullable=False),
        sa.Column('withdrawn_at', sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint('region', 'id'),
    )
    op.create_index('consents_by_holder', 'consents', ['region', 'holder', 'given_at'])
    op.create_table(
        'consent_uses',
        sa.Column('region', sa.String(length=6), nullable=False),
        sa.Column('consent_id', sa.String(length=64), nullable=False),
        sa.Column('organisation', sa.String(length=18), nullable=False),
        sa.Column('case_number', sa.String(length=64), nullable=False),
        sa.Column('item', sa.String(length=64), nullable=False),
        sa.Column('check_id', sa.String(length=32), nullable=False),
        sa.Column('at', sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint('region', 'consent_id', 'organisation', 'case_number', 'item'),
    )
    op.create_table(
        'shown_codes',
        sa.Column('region', sa.String(length=6), nullable=False),
        sa.Column('id', sa.String(length=64), nullable=False),
        sa.Column('holder', sa.LargeBinary(length=32), nullable=False),
        sa.Column('shown_at', sa.String(length=32), nullable=False),
        sa.Column('expires_at', sa.String(length=32), nullable=False),
        sa.Column('scanned_at', sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint('region', 'id'),
    )
    op.create_index('shown_codes_by_holder', 'shown_codes', ['region', 'holder', 'shown_at'])
    op.create_table(
        'consent_requests',
        sa.Column('region', sa.String(length=6), nullable=False),
        sa.Column('id', sa.String(length=64), nullable=False),
        sa.Column('holder', sa.LargeBinary(length=32), nullable=False),
        sa.Column('organisation', sa.String(length=18), nullable=False),
        sa.Column('operator', sa.String(length=128), nullable=False),
        sa.Column('item', sa.String(length=64), nullable=False),
        sa.Column('fields', sa.String(), nullable=False),
        sa.Column('case_number', sa.String(length=64), nullable=False),
        sa.Column('asked_at', sa.String(length=32), nullable=False),
        sa.Column('expires_at', sa.String(length=32), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('decided_at', sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint('region', 'id'),
    )
    op.create_index('consent_requests_by_holder', 'consent_requests', ['region', 'holder', 'asked_at'])
    with op.batch_alter_table('usage_records', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('fields', sa.String(), nullable=False, server_default='')
        )


def downgrade() -> None:
    with op.batch_alter_table('usage_records', schema=None) as batch_op:
        batch_op.drop_column('fields')
    op.drop_table('consent_requests')
    op.drop_table('shown_codes')
    op.drop_table('consent_uses')
    op.drop_table('consents')
