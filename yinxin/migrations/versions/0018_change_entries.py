"""where the transparency log has the steps that befall a published licence

Steps taken before have no entry yet; the next start makes it.

Revision: 0018, after 0017
"""
import sqlalchemy as sa
from alembic import op


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('edition_events', sa.Column('log_index', sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('edition_events') as table:
        table.drop_column('log_index')
