package dev.atlasrotator.snapstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.atlasrotator.Wiring;
import dev.atlasrotator.network.Proxies;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.http.ForwardProxy;
import dev.atlasrotator.simulator.http.SelfSigned;
import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WarmupTest {
    @Test
    void the_function_s_own_code_goes_through_a_whole_rotation() {
        assertThatCode(() -> WarmupRotation.run(InstantSource.system(), WarmupTest::function))
                .doesNotThrowAnyException();
    }

    @Test
    void an_atlas_that_cannot_be_reached_does_not_stop_a_snapshot() {
        assertThat(Warmup.run(
                        URI.create("https://127.0.0.1:1"), Proxies.NONE, InstantSource.system(), WarmupTest::function))
                .isPresent();
    }

    @Test
    void without_anybody_to_shake_hands_with_all_the_rest_is_run() {
        assertThat(Warmup.run(
                        URI.create("http://127.0.0.1:1"), Proxies.NONE, InstantSource.system(), WarmupTest::function))
                .isEmpty();
    }

    @Test
    void nothing_leaves_the_function_before_a_snapshot_but_a_handshake_with_atlas() throws Exception {
        var atlas = new AtlasModel(InstantSource.system());
        var usual = ProxySelector.getDefault();
        var others = new Others();
        try (var server = FakeAtlas.startTls(atlas, SelfSigned.make());
                var proxy = ForwardProxy.to(Map.of("atlas.test:443", server.baseUrl()))) {
            var proxies = Proxies.from(Map.of("HTTPS_PROXY", "http://" + proxy.address()));
            ProxySelector.setDefault(others);
            Warmup.run(URI.create("https://atlas.test"), proxies, InstantSource.system(), WarmupTest::function);

            assertThat(proxy.requests()).extracting(Object::toString).containsExactly("CONNECT atlas.test:443");
        } finally {
            ProxySelector.setDefault(usual);
        }
        assertThat(others.called).isEmpty();
        assertThat(atlas.callCount()).isZero();
    }

    /** The JDK asks it before each connection of whoever has chosen no proxy of his own. */
    private static final class Others extends ProxySelector {
        final List<URI> called = Collections.synchronizedList(new ArrayList<>());

        @Override
        public List<Proxy> select(URI target) {
            if (!target.getHost().equals("localhost") && !target.getHost().equals("127.0.0.1")) {
                called.add(target);
            }
            return List.of(Proxy.NO_PROXY);
        }

        @Override
        public void connectFailed(URI target, SocketAddress address, IOException failure) {}
    }

    private static WarmupRotation.Handler function(URI services) {
        return Wiring.forWarmup(services).rotator()::handle;
    }
}
