package dev.atlasrotator.simulator.http;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Accepts connections, one virtual thread each, until it is closed. An error in such a thread would
 * only look like a broken connection to the client, so it is kept and thrown by {@link #close}.
 */
public final class SocketServer implements AutoCloseable {
    /** What is done with one connection; it is closed afterwards. */
    @FunctionalInterface
    public interface Conversation {
        void with(Socket socket) throws IOException, InterruptedException;
    }

    private final ServerSocket listener;
    private final Conversation conversation;
    private final Map<Socket, Thread> open = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();

    public SocketServer(ServerSocket listener, Conversation conversation) {
        this.listener = listener;
        this.conversation = conversation;
        Thread.ofVirtual().name("stand-in on port " + listener.getLocalPort()).start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                // As every web server does: else a handshake waits 40 ms for the client's delayed acknowledgement.
                socket.setTcpNoDelay(true);
                Thread thread = Thread.ofVirtual().unstarted(() -> converse(socket));
                open.put(socket, thread);
                thread.start();
            } catch (IOException closed) {
                // accept() ends this way when the listener is closed.
                return;
            }
        }
    }

    private void converse(Socket socket) {
        try (socket) {
            try {
                conversation.with(socket);
            } catch (RuntimeException | Error error) {
                // Noted before the socket closes: the client may call close() as soon as it sees
                // that.
                errors.add(error);
            }
        } catch (IOException clientHungUp) {
            // The client's right, and often the very thing that a test is about.
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    /**
     * Ends every connection.
     *
     * @throws IllegalStateException if the stand-in itself went wrong; its causes are attached
     */
    @Override
    public void close() throws IOException {
        listener.close();
        // Whoever sleeps or waits in a conversation is woken, so that no thread outlives the
        // server.
        open.values().forEach(Thread::interrupt);
        for (Socket socket : open.keySet()) {
            socket.close();
        }
        if (!errors.isEmpty()) {
            IllegalStateException failed = new IllegalStateException("The stand-in failed while it served");
            errors.forEach(failed::addSuppressed);
            throw failed;
        }
    }
}
