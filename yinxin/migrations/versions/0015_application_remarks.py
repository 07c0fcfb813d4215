"""remarks on returned applications, and their attachments

Revision: 0015, after 0014
"""
import sqlalchemy as sa
from alembic import op


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'application_remarks',
        sa.Column('issuer_code', sa.String(length=18), nullable=False),
        sa.Column('application_id', sa.String(length=40), nullable=False),
        sa.Column('round', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('field', sa.String(length=64), nullable=False),
        sa.Column('reason', sa.String(length=200), nullable=False),
        sa.Column('at', sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint('issuer_code', 'application_id', 'round', 'field'),
    )
    op.create_table(
        'application_attachments',
        sa.Column('issuer_code', sa.String(length=18), nullable=False),
        sa.Column('application_id', sa.String(length=40), nullable=False),
        sa.Column('id', sa.String(length=40), nullable=False),
        sa.Column('type', sa.String(length=8), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
        sa.Column('added_by', sa.String(length=128), nullable=False),
        sa.Column('added_at', sa.String(length=32), nullable=False),
        sa.Column('sealed_name', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('issuer_code', 'application_id', 'id'),
    )


def downgrade() -> None:
    op.drop_table('application_attachments')
    op.drop_table('application_remarks')
