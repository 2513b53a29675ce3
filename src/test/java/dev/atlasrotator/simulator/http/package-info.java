/**
 * The wire under the stand-ins: sockets, TLS with a certificate of its own, a forward proxy, a server that lies.
 */
@NullMarked
package dev.atlasrotator.simulator.http;

import org.jspecify.annotations.NullMarked;
