-- What every cluster has from the start. The admin of a cluster may create roles, schemas and tables. It is not a superuser:
-- a superuser could run programs as the user who runs the tests.
CREATE ROLE admin LOGIN CREATEROLE;
GRANT CREATE ON DATABASE postgres TO admin;
GRANT ALL ON SCHEMA public TO admin WITH GRANT OPTION;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
