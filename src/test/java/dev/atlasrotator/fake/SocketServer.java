package dev.atlasrotator.fake;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Accepts connections, one virtual thread each, until it is closed. An error in such a thread would only look like a
 * broken connection to the client, so it is kept and thrown by {@link #close}.
 */
final class SocketServer implements AutoCloseable {
    /** What is done with one connection; it is closed afterwards. */
    @FunctionalInterface
    interface Conversation {
        void with(Socket socket) throws IOException, InterruptedException;
    }

    private final ServerSocket listener;
    private final Conversation conversation;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();

    SocketServer(ServerSocket listener, Conversation conversation) {
        this.listener = listener;
        this.conversation = conversation;
        Thread.ofVirtual().name("stand-in on port " + listener.getLocalPort()).start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> converse(socket));
            } catch (IOException closed) {
                // accept() ends this way when the listener is closed; any other cause ends the loop at its head too.
                return;
            }
        }
    }

    private void converse(Socket socket) {
        try (socket) {
            conversation.with(socket);
        } catch (IOException clientHungUp) {
            // The client's right, and often the very thing that a test is about.
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error error) {
            errors.add(error);
        } finally {
            open.remove(socket);
        }
    }

    /** @throws IllegalStateException if the stand-in itself went wrong; its causes are attached */
    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
        if (!errors.isEmpty()) {
            IllegalStateException failed = new IllegalStateException("The stand-in failed while it served");
            errors.forEach(failed::addSuppressed);
            throw failed;
        }
    }
}
