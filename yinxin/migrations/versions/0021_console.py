"""sessions of the console that have ended; applications found by state

Revision: 0021, after 0020
"""
import sqlalchemy as sa
from alembic import op


revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'console_ended_sessions',
        sa.Column('session_digest', sa.LargeBinary(length=32), nullable=False),
        sa.Column('expires_at', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('session_digest'),
    )
    op.create_index(
        'applications_by_state', 'applications', ['issuer_code', 'state', 'submitted_at', 'id']
    )


def downgrade() -> None:
    op.drop_index('applications_by_state', 'applications')
    op.drop_table('console_ended_sessions')
