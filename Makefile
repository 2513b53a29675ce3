# `sam build` runs this (template.yaml, BuildMethod: makefile): it unpacks the zip that `mvn verify` checks.
# SAM's own Maven build would run every test again, with containers, on a copy of the source.
.PHONY: build-RotatorFunction
build-RotatorFunction:
	mvn -B -q package -Dmaven.test.skip=true -Djacoco.skip=true -Dexec.skip=true -Dcyclonedx.skip=true
	unzip -q -o target/atlas-secret-rotator.zip -d "$(ARTIFACTS_DIR)"
