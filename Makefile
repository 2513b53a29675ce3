# What `sam build` runs (template.yaml, BuildMethod: makefile): the zip that `mvn verify` checks, laid out for SAM.
# SAM's own way with Maven would run every test again, containers and all, on a copy of the source.
.PHONY: build-RotatorFunction
build-RotatorFunction:
	mvn -B -q package -Dmaven.test.skip=true -Djacoco.skip=true -Dexec.skip=true -Dcyclonedx.skip=true
	unzip -q -o target/atlas-secret-rotator.zip -d "$(ARTIFACTS_DIR)"
