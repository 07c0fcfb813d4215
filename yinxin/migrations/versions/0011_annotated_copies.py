"""annotated copies of licences that were made

Revision: 0011, after 0010
"""
import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'annotated_copies',
        sa.Column('issuer_code', sa.String(length=18), nullable=False),
        sa.Column('id', sa.String(length=40), nullable=False),
        sa.Column('serial', sa.String(length=32), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('sealed_note', sa.LargeBinary(), nullable=False),
        sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
        sa.Column('made_by', sa.String(length=128), nullable=False),
        sa.Column('made_at', sa.String(length=32), nullable=False),
        sa.Column('expires_at', sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint('issuer_code', 'id'),
    )
    op.create_index(
        'annotated_copies_by_licence', 'annotated_copies', ['issuer_code', 'serial', 'made_at']
    )


def downgrade() -> None:
    op.drop_table('annotated_copies')
