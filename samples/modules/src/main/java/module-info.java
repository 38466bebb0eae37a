/** A module that knows nothing of dsql-reach: its tests do. */
module com.example.orders {
    requires java.sql;

    exports com.example.orders;
}
