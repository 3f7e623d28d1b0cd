"""The dialect that MySQL and MariaDB share, through PyMySQL; where they differ, `flavours` says how."""
