package io.github.dsqlreach.toxiproxy;

/** A refusal, as the API answers it. */
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    ApiException(int status, String message) {
        super(message);
        this.status = status;
    }

    static ApiException badBody(String why) {
        return new ApiException(400, "bad request body: " + why);
    }

    static ApiException missing(String field) {
        return new ApiException(400, "missing required field: " + field);
    }

    int status() {
        return status;
    }
}
