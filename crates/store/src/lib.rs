//! How it is kept: the SQL waist, migrations, one module per aggregate.
