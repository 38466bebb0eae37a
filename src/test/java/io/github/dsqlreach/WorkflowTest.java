package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What GitHub runs for this project is what README and CONTRIBUTING tell people to run. */
class WorkflowTest {
    private static final Path FILE = Path.of(".github", "workflows", "ci.yml");

    @Test
    void runsTheCommandsOfTheReadmeOnEverySystem() throws IOException {
        Map<?, ?> verify = (Map<?, ?>) jobs().get("verify");
        Map<?, ?> matrix = (Map<?, ?>) ((Map<?, ?>) verify.get("strategy")).get("matrix");
        List<String> readme = Pattern.compile("(?m)^(mvn[^#\\n]*?) *#")
                .matcher(section(Files.readString(Path.of("README.md")), "## Two commands"))
                .results()
                .map(command -> command.group(1))
                .toList();

        assertThat(readme).hasSize(2);
        assertThat(values(verify, "run")).isEqualTo(readme);
        assertThat(matrix.get("java")).isEqualTo(List.of(17, 21, 25));
        assertThat(matrix.get("os").toString()).contains("ubuntu-", "macos-", "windows-");
    }

    @Test
    void startsProgramsThatThereAre() throws IOException, ReflectiveOperationException {
        Pattern run = Pattern.compile("-Drun=([a-z-]+)");
        for (String file : List.of(FILE.toString(), "CONTRIBUTING.md", "RELEASING.md", "pom.xml")) {
            assertThat(run.matcher(Files.readString(Path.of(file))).results().map(name -> name.group(1)))
                    .as(file)
                    .isNotEmpty()
                    .isSubsetOf(Run.PROGRAMS.keySet());
        }
        for (String main : Run.mainClasses()) {
            assertThat(Class.forName(main).getMethod("main", String[].class)).isNotNull();
        }
    }

    /** The proving ground itself says what it misses; {@code INSTALL} is its sentence. */
    @Test
    void installsWhatTheProvingGroundNeeds() throws IOException {
        String ground = Files.readString(Path.of("src/test/java/io/github/dsqlreach/ground/ProvingGround.java"));
        String install = ground.substring(
                        ground.indexOf(" INSTALL ="), ground.indexOf(";", ground.indexOf(" INSTALL =")))
                .replaceAll("\"\\s*\\+\\s*\"", "");

        assertThat(values(jobs().get("proving-ground"), "run").get(0))
                .endsWith(install.substring(install.indexOf('"') + 1, install.lastIndexOf('"')));
    }

    /** A tag can be moved to other code, a commit cannot. */
    @Test
    void usesActionsByTheirCommit() throws IOException {
        assertThat(values(jobs(), "uses"))
                .isNotEmpty()
                .allMatch(action -> action.matches("actions/[\\w-]+@[0-9a-f]{40}"));
        assertThat(Files.readAllLines(FILE).stream().filter(line -> line.contains("uses:")))
                .allMatch(line -> line.matches(".*# v\\d+\\.\\d+\\.\\d+"));
    }

    private static Map<?, ?> jobs() throws IOException {
        Map<?, ?> workflow = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(FILE));
        assertThat(workflow.get("permissions")).isEqualTo(Map.of("contents", "read"));
        return (Map<?, ?>) workflow.get("jobs");
    }

    /** Of all entries with that name, however deep. */
    private static List<String> values(Object tree, String name) {
        List<String> result = new ArrayList<>();
        if (tree instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                if (key.equals(name)) {
                    result.add(value.toString());
                } else {
                    result.addAll(values(value, name));
                }
            });
        } else if (tree instanceof List<?> list) {
            list.forEach(entry -> result.addAll(values(entry, name)));
        }
        return result;
    }

    private static String section(String page, String title) {
        String rest = page.substring(page.indexOf(title) + title.length());
        return rest.substring(0, rest.indexOf("\n## "));
    }
}
