package chapters

import (
	"fmt"
	"slices"
	"strings"
)

// Tints is how many steps shapes can have: each step has a colour of its own in the style sheet.
const Tints = 3

// shapeSource is a shape as it is written.
type shapeSource struct {
	Title, Year string
	Say         words
	perLanguage `yaml:",inline"` // references
	Lit         []perLanguage    // for each step, in their order
}

// perLanguage are texts, or lists of them, for each language that has some.
type perLanguage struct{ Go, Python, C patterns }

func (l perLanguage) of(language string) patterns {
	return map[string]patterns{"go": l.Go, "python": l.Python, "c": l.C}[language]
}

func (p *page) shapes(b body) Block {
	var y struct {
		Title string
		Steps []struct {
			Name string
			Say  words
		}
		Shapes  []shapeSource
		Caption words
	}
	if !p.read(b, &y, "title", "steps", "shapes") {
		return nil
	}
	if len(y.Steps) > Tints {
		p.problems.add(p.File, b.lineOf("steps:"), "shapes: %d steps; there are colours for %d", len(y.Steps), Tints)
		return nil
	}
	p.underHeading(b)
	p.sets++
	s := &Shapes{ID: fmt.Sprintf("shapes-%d", p.sets), Title: y.Title, Caption: p.md(b, y.Caption)}
	p.anchor(s.ID, b.fence)
	for i, step := range y.Steps {
		if step.Name == "" {
			p.problems.add(p.File, b.lineOf("steps:"), "shapes: step %d has no name", i+1)
		}
		s.Steps = append(s.Steps, NamedStep{step.Name, p.md(b, step.Say)})
	}
	for _, source := range y.Shapes {
		s.Shapes = append(s.Shapes, p.shape(b, source, len(s.Steps)))
	}
	return s
}

func (p *page) shape(b body, y shapeSource, steps int) Shape {
	shape := Shape{Title: y.Title, Year: y.Year, Say: p.md(b, y.Say)}
	at := b.lineOf("- title: " + y.Title)
	if y.Title == "" {
		p.problems.add(p.File, b.lineOf("shapes:"), "shapes: each shape needs a title")
	}
	if len(y.Lit) != steps {
		p.problems.add(p.File, at, "shapes: %s lights %d steps of %d", y.Title, len(y.Lit), steps)
		return shape
	}
	for _, language := range languages {
		references := y.of(language)
		if len(references.texts) == 0 {
			continue
		}
		listing := Listing{Language: language}
		for _, reference := range references.texts {
			excerpt, err := p.include(reference)
			if err != nil {
				p.problems.add(p.File, b.fence+references.line, "shapes: %s: %v", y.Title, err)
				return shape
			}
			excerpt.Language = language
			listing.Parts = append(listing.Parts, Part{excerpt, map[int]int{}})
		}
		for i, lit := range y.Lit {
			lit := lit.of(language)
			if len(lit.texts) == 0 {
				p.problems.add(p.File, at, "shapes: %s: step %d lights nothing in %s", y.Title, i+1, language)
			}
			for _, text := range lit.texts {
				if err := listing.light(text, i+1); err != nil {
					p.problems.add(p.File, b.fence+lit.line, "shapes: %s: %s: %v", y.Title, language, err)
				}
			}
		}
		shape.Listings = append(shape.Listings, listing)
	}
	if len(shape.Listings) == 0 {
		p.problems.add(p.File, at, "shapes: %s: at least one of %s is needed", y.Title, strings.Join(languages, ", "))
	}
	return shape
}

// light assigns the lines of the first part that contains the text to a step. A line has one colour, so it has one
// step.
func (l Listing) light(text string, step int) error {
	var missing []string
	for _, part := range l.Parts {
		r, err := part.find(text)
		if err != nil {
			missing = append(missing, err.Error())
			continue
		}
		for n := r.First; n <= r.Last; n++ {
			if other := part.Step[n]; other != 0 && other != step {
				return fmt.Errorf("%q lights line %d of %s, which belongs to step %d", text, n, part.File, other)
			}
			part.Step[n] = step
		}
		return nil
	}
	return fmt.Errorf("%s", strings.Join(missing, "; "))
}

// Has reports whether the shape exists in a language.
func (s Shape) Has(language string) bool {
	return slices.ContainsFunc(s.Listings, func(l Listing) bool { return l.Language == language })
}

// Shows reports whether any of the shapes has lines of a file.
func (s *Shapes) Shows(file string) bool {
	for _, shape := range s.Shapes {
		for _, l := range shape.Listings {
			if slices.ContainsFunc(l.Parts, func(p Part) bool { return p.File == file }) {
				return true
			}
		}
	}
	return false
}
