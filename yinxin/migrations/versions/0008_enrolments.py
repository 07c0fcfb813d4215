"""requests for certificates, and what persons decide about them

Revision: 0008, after 0007
"""
import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'ca_enrolments',
        sa.Column('authority', sa.String(length=64), nullable=False),
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('way', sa.String(length=16), nullable=False),
        sa.Column('purpose', sa.String(length=32), nullable=False),
        sa.Column('subject', sa.String(), nullable=False),
        sa.Column('spki', sa.LargeBinary(), nullable=False),
        sa.Column('spki_digest', sa.LargeBinary(length=32), nullable=False),
        sa.Column('request', sa.LargeBinary(), nullable=False),
        sa.Column('particulars', sa.String(), nullable=False),
        sa.Column('not_after', sa.String(length=32), nullable=True),
        sa.Column('predecessor', sa.String(length=40), nullable=True),
        sa.Column('submitted_by', sa.String(length=64), nullable=False),
        sa.Column('department', sa.String(length=18), nullable=False),
        sa.Column('submitted_at', sa.String(length=32), nullable=False),
        sa.Column('approvals_needed', sa.Integer(), nullable=False),
        sa.Column('idempotency_key', sa.String(length=128), nullable=False),
        sa.Column('submission_digest', sa.LargeBinary(length=32), nullable=False),
        sa.Column('serial', sa.String(length=40), nullable=True),
        sa.Column('issued_at', sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint('authority', 'id'),
        sa.UniqueConstraint('authority', 'submitted_by', 'idempotency_key'),
    )
    op.create_index('ca_enrolments_by_state', 'ca_enrolments', ['authority', 'state', 'id'])
    op.create_index('ca_enrolments_by_key', 'ca_enrolments', ['authority', 'spki_digest'])
    op.create_table(
        'ca_enrolment_decisions',
        sa.Column('authority', sa.String(length=64), nullable=False),
        sa.Column('enrolment', sa.String(length=32), nullable=False),
        sa.Column('person', sa.String(length=64), nullable=False),
        sa.Column('decision', sa.String(length=16), nullable=False),
        sa.Column('note', sa.String(length=512), nullable=False),
        sa.Column('at', sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint('authority', 'enrolment', 'person'),
    )


def downgrade() -> None:
    op.drop_table('ca_enrolment_decisions')
    op.drop_table('ca_enrolments')
