# What the scripts that run the function on this machine share. To be sourced in the project's root.

# The architecture that Docker runs without emulation, by SAM's names.
architecture() {
  case $(uname -m) in arm64 | aarch64) echo arm64 ;; *) echo x86_64 ;; esac
}

# If something has changed since the last time: compiles the stand-ins, lists their jars, and links the java that the build
# uses to target/java.
prepare_stand_ins() {
  local jars=target/stand-ins.classpath
  if [ ! -s "$jars" ] || [ ! -x target/java ] || [ ! -e target/test-classes/dev/atlasrotator/simulator/StandIns.class ] ||
    [ -n "$(find pom.xml src -newer "$jars" | head -n 1)" ]; then
    mvn -B -q test-compile dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile="$PWD/$jars" \
      -Dmdep.regenerateFile=true -Dexec.phase=test-compile -Dexec.args="src/build/LinkJava.java target/java" \
      -Dformat.skip=true -Djacoco.skip=true
    touch "$jars"
  fi
}

# Starts both stand-ins in the background with these arguments; their line of JSON goes to $work/stand-ins.json.
start_stand_ins() {
  target/java -XX:TieredStopAtLevel=1 -cp "target/test-classes:target/classes:$(cat target/stand-ins.classpath)" \
    dev.atlasrotator.simulator.StandIns "$@" >"$work/stand-ins.json" 2>"$work/stand-ins.log" &
  stand_ins=$!
  local tries
  for tries in $(seq 300); do
    if [ -s "$work/stand-ins.json" ]; then return; fi
    if ! kill -0 "$stand_ins" 2>/dev/null; then break; fi
    sleep 0.1
  done
  cat "$work/stand-ins.log" >&2
  echo "the stand-ins did not start (checked $tries times)" >&2
  return 1
}

# Prints one member of a JSON file: field FILE NAME
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"; }
