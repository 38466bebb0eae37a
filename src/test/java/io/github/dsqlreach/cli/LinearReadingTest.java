package io.github.dsqlreach.cli;

import io.github.dsqlreach.Work;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LinearReadingTest {
    @Test
    void twiceAsManyMessagesBeforeALoginAreTwiceTheWork() {
        Work.assertLinear(LinearReadingTest.class, "noticesBeforeTheLogin", 3000);
    }

    static void noticesBeforeTheLogin(int size) throws IOException {
        ByteBuffer notices = ByteBuffer.allocate(7 * size);
        for (int i = 0; i < size; i++) {
            notices.put((byte) 'N').putInt(6).put(new byte[2]);
        }
        new LoginDeadlineSocket(Work.drippingSocket(notices.array()), Duration.ofDays(1))
                .getInputStream()
                .readAllBytes();
    }
}
